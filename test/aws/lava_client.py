#!/usr/bin/env python3
"""lava itself (PyPI: jinlava) on top of our tool, as its workers do it.

    lava_client.py wrapper REALM CONN_ID FOLDER        prints the path of the program that is LAVA_CONN_*
    lava_client.py smb_get|smb_put REALM TMPDIR S3TMP PARAMETERS   runs the handler of a job; prints what it returns

Its environment says where AWS is, and PATH where lava-smb.  PARAMETERS are the job's, as JSON.  A LavaError ends it
with 1 and is printed as JSON, too.
"""
import datetime
import importlib
import json
import sys

import boto3
from lava import LavaError
from lava.connection import get_cli_connection
from lava.lavacore import get_realm_info


def _job(handler, realm, tmpdir, s3tmp, parameters):
    session = boto3.Session()
    realm_info = get_realm_info(realm, session.resource('dynamodb').Table('lava.realms'))
    spec = {'job_id': 'lab/job', 'run_id': '00000000-0000-0000-0000-000000000000', 'type': handler,
            'parameters': json.loads(parameters), 'globals': {}, 'state': {},
            'ts_start': datetime.datetime.now(datetime.timezone.utc).astimezone()}
    run = importlib.import_module(f'lava.handlers.{handler}').run
    return run(spec, realm_info, tmpdir, s3tmp, aws_session=session)


def main():
    try:
        if sys.argv[1] == 'wrapper':
            realm, conn_id, folder = sys.argv[2:]
            print(get_cli_connection(conn_id, realm, folder, boto3.Session()))
        else:
            print(json.dumps(_job(*sys.argv[1:])))
    except LavaError as error:
        print(json.dumps({'error': str(error), 'data': getattr(error, 'data', None)}, default=str))
        sys.exit(1)


if __name__ == '__main__':
    main()
