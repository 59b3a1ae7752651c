"""A file to or from S3 by boto3's own transfers: by_boto3.py put|get FILE BUCKET KEY."""
import os
import sys

import boto3
from botocore.auth import S3SigV4Auth

# As over https: the payload is not hashed.
S3SigV4Auth._should_sha256_sign_payload = lambda self, request: False

what, path, bucket, key = sys.argv[1:]
s3 = boto3.client('s3', endpoint_url=os.environ['AWS_ENDPOINT_URL'])
if what == 'put':
    s3.upload_file(path, bucket, key)
else:
    s3.download_file(bucket, key, path)
