"""How much of an ELF program is ever loaded: the rest is symbols for a debugger, nine tenths of the published file."""

import struct

_HEADER = 64
_SECTIONS_AT = 0x28  # e_shoff
_SECTION_COUNT_AT = 0x3C  # e_shnum, e_shstrndx
_LOADABLE = {1, 4, 7}  # PT_LOAD, PT_NOTE, PT_TLS


def loaded_bytes(head: bytes) -> int | None:
    """Length of the prefix that the loader needs, from the file's first bytes; None if it is no 64-bit ELF."""
    if head[:6] != b"\x7fELF\x02\x01":
        return None
    table, _, _, entry, count, _ = struct.unpack_from("<Q8xIHHHH", head, 0x20)
    end: int = max(_HEADER, table + entry * count)
    for index in range(count):
        kind, _, offset, _, _, size = struct.unpack_from("<IIQQQQ", head, table + index * entry)
        if kind in _LOADABLE:
            end = max(end, offset + size)
    return end


def without_sections(head: bytes) -> bytes:
    """The first bytes again, no longer pointing to the section table that the prefix lacks."""
    patched = bytearray(head)
    struct.pack_into("<Q", patched, _SECTIONS_AT, 0)
    struct.pack_into("<HH", patched, _SECTION_COUNT_AT, 0, 0)
    return bytes(patched)
