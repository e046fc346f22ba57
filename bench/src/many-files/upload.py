"""Uploads every file of a directory with sevenbridges-python, one file a call, in threads. Prints the seconds it took."""

import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import sevenbridges

url, token, project, directory, threads = sys.argv[1:]
# Without TLS: `debug` has no other use here.
api = sevenbridges.Api(url=url, token=token, debug=True)


def upload(name):
    return api.files.upload(os.path.join(directory, name), project=project, file_name=name, wait=True).result()


started = time.monotonic()
with ThreadPoolExecutor(int(threads)) as pool:
    names = list(pool.map(lambda name: upload(name).name, os.listdir(directory)))
assert sorted(names) == sorted(os.listdir(directory))
print(time.monotonic() - started)
