/* key_samples.h: session keys.
 *
 * Sources: Microsoft Open Specifications blog, 2012-10-05 (Encryption in SMB 3.0), 2015-09-09 (SMB
 * 3.1.1 Encryption in Windows 10) and 2017-05-26 (SMB 2 and SMB 3 security in Windows 10),
 * appendices; "samba": printed by smbd 4.17.12 for a captured logon; "computed": by an independent
 * program. */
#ifndef LSMB_TEST_AUTH_KEY_SAMPLES_H
#define LSMB_TEST_AUTH_KEY_SAMPLES_H

#include <stdint.h>

struct key_sample {
    const char *name;
    uint16_t dialect, cipher;
    const char *mech_key, *preauth, *signing, *application, *client_to_server, *server_to_client;
};

static const struct key_sample key_samples[] = {
    {"msblog 2017 multichannel, 3.0", 0x0300, 1, "7cd451825d0450d235424e44ba6e78cc", "",
     "0b7e9c5cac36c0f6ea9ab275298cedce", "bb23a4575aa26c721af525af15a87b4f",
     "fad27796665b313ebb578f388632b4f7", "b0f0427f7ceb416d1d9dcc0cd4f99447"},
    {"msblog 2012 encryption, 3.0", 0x0300, 1, "b4546771b515f766a86735532dd6c4f0", "",
     "f773cd23c18fd1e08ee510cada7cf852", "77432f808ce99156b5bc6a3676d730d1",
     "261b72350558f2e9dcf613070383edbf", "8fe2b57ec34d2db5b1a9727f526bbdb5"},
    {"msblog 2017 multichannel, 3.1.1", 0x0311, 2, "270e1ba896585eeb7af3472d3b4c75a7",
     "0dd13628cc3ed218ef9df9772d436d0887ab9814bfae63a80aa845f36909db7928622dddad522d9751640a45976"
     "2c5a9d6bb084cbb3ce6bdadef5d5bce3c6c01",
     "73fe7a9a77bef0bde49c650d8ccb5f76", "6d7ad7954e9ec61e907b4d473dc178ff",
     "629bcbc54422a0f572b97f45989b6073", "e2af0dcefac68da71a0dfbd0d1350d74"},
    {"msblog 2015 gcm, 3.1.1", 0x0311, 2, "419fddf34c1e001909d362ae7fb6af79",
     "b23f3cbfd69487d9832b79b1594a367cdd950909b774c3a4c412b4fcea9edddba7db256ba2ea30e977f11f9b113"
     "247578e0e915c6d2a513b8f2fca5707dc8770",
     "8765949dfeaee105ce9118b45be988f0", "099d610789fbe82055b313601c3e8cc4",
     "a2f5e80e5d59103034f32e52f698e5ec", "748c50868c90f302962a5c35f5f9a8bf"},
    {"computed, AES-256 from a key of 16 bytes", 0x0311, 4, "270e1ba896585eeb7af3472d3b4c75a7",
     "0dd13628cc3ed218ef9df9772d436d0887ab9814bfae63a80aa845f36909db7928622dddad522d9751640a45976"
     "2c5a9d6bb084cbb3ce6bdadef5d5bce3c6c01",
     "73fe7a9a77bef0bde49c650d8ccb5f76", "6d7ad7954e9ec61e907b4d473dc178ff",
     "049c27fd8a340262e32c643dea2ba507af7a4c085fd2505aeffcbdeae6d6d8ab",
     "35952fed051bf2471af5f7acc63674b887a54b47af46959f7caff1ce537d7419"},
    {"computed, AES-256 from a key of 32 bytes", 0x0311, 4,
     "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
     "0dd13628cc3ed218ef9df9772d436d0887ab9814bfae63a80aa845f36909db7928622dddad522d9751640a45976"
     "2c5a9d6bb084cbb3ce6bdadef5d5bce3c6c01",
     "adfdcd95a8dbb1db6648fc26d5cea1bc", "109dc2bc61b656a125a8787a13f03293",
     "f1a5c66c7c07116904393a1d1c4cb46eeceb7fd384038c510561fbfdba9ae683",
     "4ebc8bf4047484c299d04c4f8ff31ed8243cea3ed8aa9902ea5833b809ac10e7"},
    {"samba ntlm.sign_SMB2_02", 0x0202, 0, "dc0c1a504ef39465a30716444dd7f34a", "",
     "dc0c1a504ef39465a30716444dd7f34a", "dc0c1a504ef39465a30716444dd7f34a", "", ""},
    {"samba ntlm.sign_SMB3_00", 0x0300, 1, "38acd172c83711f81ce21a1a4787eca6", "",
     "6369acc0bc61488979b526a4e626060d", "454eb9d5c028c06495d388a42da8e78b",
     "9f3206dc4c0e8b369f0cad874787db28", "46851a0cb27aa143c44b4970e9319280"},
    {"samba ntlm.enc_SMB3_11_AES-256-GCM", 0x0311, 4, "668d05a1049ed609c5e5fe1aa64747af",
     "4e5cc7fdfd638321390e63ba2cf22f396fe08136c04ce496d6bea4e6479fded22315b2ef462c919e7bac45f57d2"
     "17aa75176fde753f2b2b31f4b55ff780bdd34",
     "0660e319d066453a43675e347c793f80", "944664ed1f748ddf2734766c1e60a369",
     "ea19167c1412a899338c5bc3407bd93ea32d12811bf5ecedb628a199dd260915",
     "218ffc2abf83593a2c0dcc644f890c3c17bcf7cc3dc89a272035cb35b4432e7a"},
    {"samba krb.krb_enc_AES-256-CCM", 0x0311, 3,
     "153895929a6ff27779419887edf9ba96791718d348e40e436d1ee9f49e403d63",
     "17ca38db730c4013fa73859b934847634461195dd184d4e7e89cb2a450dc015da0a695bf347b0ceba6750713126"
     "c5b07e4015b43300c5d5e392f5d388a0993b1",
     "21c6b205bbfbb1ec6eb52334cfd36471", "3eb9880928442c8c5a2db60d2ce54585",
     "1cf2685b35eca27e5f6a851e45ef8e982a51adbdb2cdd71db6c8a81c744347bb",
     "78c42fbc897890760474f9fe7f29eef45534f7e4954d5207c3509e524139eff4"},
    {"samba ntlm.sign_SMB3_11_aes-128-gmac", 0x0311, 2, "d0e69be271b72cea8c0410e37543c26f",
     "0c88418c90574804750022b509aa9743cf43d3ef6f4beb3c23ee3f2e0455faf6769127b7ec505985b25f18d1a3b"
     "85620cfd37a3c362d87cdedec49bb22f7636b",
     "e3422ada42bc1bfe2e4e3110c3d28e6b", "74eb6edcbf3be45922deb39a90b9b167",
     "a894f98aaad5ed70898a3ae7c2f830b6", "622f1685a424714e3186595cd7a2391c"},
};

#endif
