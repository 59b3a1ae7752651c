"""What the numbers depend on: the machine, the programs, and what its processor does to a byte."""
import os
import platform
import re
import subprocess
import time

# Name, arguments of `openssl speed`.
CIPHERS = (('AES-128-GCM', ('-evp', 'aes-128-gcm')), ('AES-256-GCM', ('-evp', 'aes-256-gcm')),
           ('AES-128-CCM', ('-evp', 'aes-128-ccm')), ('GHASH (most of AES-GMAC)', ('ghash',)),
           ('AES-128-CMAC', ('-cmac', 'aes-128-cbc')), ('HMAC-SHA256', ('-hmac', 'sha256')))
BLOCK_BYTES = 1 << 20


def _says(*argv):
    try:
        done = subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    except OSError:
        return None
    return done.stdout.strip().splitlines()[0] if done.stdout.strip() else None


def _processor():
    with open('/proc/cpuinfo', encoding='utf-8') as lines:
        found = re.search(r'^model name\s*:\s*(.*)$', lines.read(), re.M)
    return found[1] if found else platform.machine()


def facts(folder):
    """What stands above a table: [(name, value)]."""
    versions = (('Samba', ('smbd', '--version')), ('smbclient', ('smbclient', '--version')),
                ('rclone', ('rclone', 'version')), ('OpenSSL', ('openssl', 'version')))
    told = [(name, _says(*argv)) for name, argv in versions]
    return [('date', time.strftime('%Y-%m-%d')),
            ('processor', f'{_processor()}, {os.cpu_count()} cores'),
            ('kernel', platform.release()),
            ('files', f'all in {folder}'),
            ('others on the machine', f'a load of {os.getloadavg()[0]:.1f} at the start'),
            *((name, re.sub(rf'^({name}|Version)\s+', '', text)) for name, text in told if text)]


def ciphers(say):
    """[(name, GB/s)] of one core, by `openssl speed`, in blocks of the size of a large READ."""
    rates = []
    for name, arguments in CIPHERS:
        say(f'openssl speed: {name}')
        done = subprocess.run(['openssl', 'speed', '-mr', '-seconds', '1', '-bytes', str(BLOCK_BYTES), *arguments],
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        found = re.search(r'^\+F:.*:([\d.]+)$', done.stdout, re.M)
        rates.append((name, float(found[1]) / 1e9 if found else None))
    return rates
