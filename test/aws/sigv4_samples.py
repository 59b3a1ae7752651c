"""Published signatures.

aws-c-auth: awslabs/aws-c-auth, tests/aws-signing-test-suite/v4 (Apache-2.0); s3-docs: the worked examples of the
Amazon S3 API reference, `Authenticating Requests: Using the Authorization Header`; botocore: made by
botocore 1.43.11.
"""
import hashlib

EMPTY = hashlib.sha256(b'').hexdigest()
SUITE = ('AKIDEXAMPLE', 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY', 'us-east-1', 'service', '20150830T123600Z')
DOCS = ('AKIAIOSFODNN7EXAMPLE', 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY', 'us-east-1', 's3', '20130524T000000Z')
BOTO = (*SUITE[:2], 'ap-southeast-2', 's3', '20260102T030405Z')
DOCS_HOST, BOTO_HOST = 'examplebucket.s3.amazonaws.com', 'my-bucket.s3.ap-southeast-2.amazonaws.com'
SSE = 'x-amz-server-side-encryption'

# name, (key, secret, region, service, moment), method, target, headers besides x-amz-date, payload, signature
SAMPLES = (
    ('aws-c-auth get-vanilla-query-order-encoded', SUITE, 'GET', '/?Param-3=Value3&Param=Value2&%E1%88%B4=Value1',
     {'host': 'example.amazonaws.com'}, EMPTY, '371d3713e185cc334048618a97f809c9ffe339c62934c032af5a0e595648fcac'),
    ('aws-c-auth get-header-value-trim', SUITE, 'GET', '/',
     {'host': 'example.amazonaws.com', 'my-header1': ' value1', 'my-header2': ' "a   b   c"'}, EMPTY,
     'acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736'),
    ('aws-c-auth get-relative-relative-normalized', SUITE, 'GET', '/example1/example2/../..',
     {'host': 'example.amazonaws.com'}, EMPTY, '5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31'),
    ('aws-c-auth get-utf8', SUITE, 'GET', '/\u1234', {'host': 'example.amazonaws.com'}, EMPTY,
     '8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85'),
    ('s3-docs GET Object', DOCS, 'GET', '/test.txt',
     {'host': DOCS_HOST, 'range': 'bytes=0-9', 'x-amz-content-sha256': EMPTY}, EMPTY,
     'f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41'),
    ('s3-docs GET Bucket Lifecycle', DOCS, 'GET', '/?lifecycle', {'host': DOCS_HOST, 'x-amz-content-sha256': EMPTY},
     EMPTY, 'fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543'),
    ('botocore UploadPart with a token', BOTO, 'PUT', '/big.bin?partNumber=10&uploadId=VXBsb2FkIElE_-.x%2F%3D%2B',
     {'host': BOTO_HOST, 'x-amz-security-token': 'FwoGZXIvYXdzEXAMPLETOKEN==',
      'x-amz-content-sha256': '229bdaafcdd2ae52fe07980e94dff83cfd5fe1de200a6024aa6587d55ea07e84'},
     '229bdaafcdd2ae52fe07980e94dff83cfd5fe1de200a6024aa6587d55ea07e84',
     'fd4fa48cf29e0b29d8b6b908c16cf10126eef1e92f5d5b77a803a4d87a6b64c9'),
    ('botocore CreateMultipartUpload with KMS', BOTO, 'POST', '/dir//x/../y.bin?uploads=',
     {'host': BOTO_HOST, SSE: 'aws:kms', SSE + '-aws-kms-key-id': 'alias/data', 'x-amz-content-sha256': EMPTY},
     EMPTY, '684589ce0d30cc2bc9bace57a5938ce7b1ca97f9669989081527ef674b978e33'),
)
