"""Bytes as bad luck, or somebody, makes them of good ones."""

import struct

from hypothesis import strategies as st

SIGNS = b'0123456789-.eE[]{}",:fu \x00\xff'


@st.composite
def damaged(draw: st.DrawFn, sound: st.SearchStrategy[bytes], most: int = 4) -> bytes:
    """Sound bytes in which some bits, bytes or lengths are others; at most so many places."""
    data = bytearray(draw(sound))
    for _ in range(draw(st.integers(1, most))):
        # What is at the beginning tells how to read the rest.
        places = st.integers(0, 40) | st.integers(0, 600) | st.integers(0, max(0, len(data) - 1))
        place = min(draw(places), len(data))
        match draw(st.sampled_from(["bit", "sign", "cut", "insert", "delete", "repeat", "length"])):
            case "bit" if place < len(data):
                data[place] ^= 1 << draw(st.integers(0, 7))
            case "sign" if place < len(data):
                data[place] = draw(st.sampled_from(SIGNS))
            case "cut":
                del data[place:]
            case "insert":
                data[place:place] = draw(st.binary(min_size=1, max_size=5))
            case "delete":
                del data[place : place + draw(st.integers(1, 5))]
            case "repeat":
                data[place:place] = data[place : place + 20]
            case _:
                number = draw(st.integers(0, 2**32 - 1) | st.integers(0, len(data)))
                place = draw(st.sampled_from([0, place]))
                data[place : place + 4] = struct.pack("<I", number)
    return bytes(data)
