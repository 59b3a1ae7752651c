#!/usr/bin/env python3
"""boto3 as a second client: `boto_client.py put|get BUCKET KEY FILE [ARGUMENTS]`, ARGUMENTS as JSON.

Its environment says where AWS is, in boto3's own words; what a boto3 too old for AWS_ENDPOINT_URL has to be told.
"""
import json
import os
import sys

import boto3
from boto3.s3.transfer import TransferConfig

PART = 8 << 20


def main():
    action, bucket, key, path = sys.argv[1:5]
    extra = json.loads(sys.argv[5]) if len(sys.argv) > 5 else {}
    client = boto3.client('s3', endpoint_url=os.environ['AWS_ENDPOINT_URL'])
    config = TransferConfig(multipart_threshold=PART, multipart_chunksize=PART)
    if action == 'put':
        client.upload_file(path, bucket, key, ExtraArgs=extra, Config=config)
    else:
        client.download_file(bucket, key, path, ExtraArgs=extra, Config=config)


if __name__ == '__main__':
    main()
