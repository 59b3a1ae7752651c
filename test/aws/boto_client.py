#!/usr/bin/env python3
"""boto3 as a second client: does what stands on standard input, [[ACTION, BUCKET, KEY, FILE, ARGUMENTS], ...].

ACTION is put or get.  The environment says where AWS is, which a boto3 too old for AWS_ENDPOINT_URL is told here.
"""
import json
import os
import sys

import boto3
from boto3.s3.transfer import TransferConfig

PART = 8 << 20


def main():
    client = boto3.client('s3', endpoint_url=os.environ['AWS_ENDPOINT_URL'])
    config = TransferConfig(multipart_threshold=PART, multipart_chunksize=PART)
    for action, bucket, key, path, arguments in json.load(sys.stdin):
        if action == 'put':
            client.upload_file(path, bucket, key, ExtraArgs=arguments, Config=config)
        else:
            client.download_file(bucket, key, path, ExtraArgs=arguments, Config=config)


if __name__ == '__main__':
    main()
