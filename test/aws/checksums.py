"""The checksums of S3: of bytes, and of parts put together.  Values are bytes, as they stand on the wire."""
import base64
import functools
import hashlib
import zlib

# name -> (polynomial, bits), both reflected; start and end value are all ones.
CRCS = {'crc32': (0xedb88320, 32), 'crc32c': (0x82f63b78, 32), 'crc64nvme': (0x9a6c9329ac4bc9b5, 64)}
DIGESTS = {'sha1': hashlib.sha1, 'sha256': hashlib.sha256}
NAMES = (*CRCS, *DIGESTS)


@functools.lru_cache(None)
def _table(polynomial):
    table = []
    for value in range(256):
        for _ in range(8):
            value = value >> 1 ^ (polynomial if value & 1 else 0)
        table.append(value)
    return table


def _crc(name, data):
    polynomial, bits = CRCS[name]
    if name == 'crc32':
        return zlib.crc32(data)
    table, value = _table(polynomial), (1 << bits) - 1
    for byte in data:
        value = table[(value ^ byte) & 255] ^ value >> 8
    return value ^ (1 << bits) - 1


def checksum(name, data):
    if name in DIGESTS:
        return DIGESTS[name](data).digest()
    return _crc(name, data).to_bytes(CRCS[name][1] // 8, 'big')


def text(value):
    return base64.b64encode(value).decode()


def _times(matrix, vector):
    total = 0
    for row in matrix:
        if vector & 1:
            total ^= row
        vector >>= 1
    return total


@functools.lru_cache(None)
def _zeros(name, exponent):
    """What 2**exponent zero bytes do to a checksum: a matrix over GF(2), a row for each bit."""
    polynomial, bits = CRCS[name]
    if exponent == 0:
        rows = [1 << bit for bit in range(bits)]
        for _ in range(8):
            rows = [row >> 1 ^ (polynomial if row & 1 else 0) for row in rows]
        return tuple(rows)
    half = _zeros(name, exponent - 1)
    return tuple(_times(half, row) for row in half)


def join(name, pieces):
    """The checksum of a whole from those of its pieces: [(checksum, length), ...]."""
    total = 0
    for value, length in pieces:
        exponent = 0
        while length:
            if length & 1:
                total = _times(_zeros(name, exponent), total)
            length >>= 1
            exponent += 1
        total ^= int.from_bytes(value, 'big')
    return total.to_bytes(CRCS[name][1] // 8, 'big')


def composite(name, values):
    """The other checksum of an object of parts: that of their checksums, and how many they are."""
    return f'{text(checksum(name, b"".join(values)))}-{len(values)}'
