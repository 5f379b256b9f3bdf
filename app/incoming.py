"""Say when all bytes of a request are there, without reading more of it than its length needs (RFC 9112, 6)."""

#: No call has a longer header, with an id in its path and a token in its headers.
HEADER_BYTES_MAX = 65_536
#: A line before a chunk says how long the chunk is. Clients write up to 10 characters.
CHUNK_LINE_BYTES_MAX = 256
#: So many chunks may be as small as one likes; more have to hold so many bytes on average. Chunks of one byte cost the
#: thread that reads for all clients 14 ms for 64 kB.
SMALL_CHUNKS, CHUNK_BYTES_MIN = 1_000, 64

_HEADER_ENDS = b"\r\n\r\n"


class Incoming:
    """The bytes of one request, as they come in.

    A request that breaks the rules counts as complete as soon as that is known. Whoever parses it refuses it, and asks
    for no more bytes than are there.
    """

    def __init__(self, body_bytes_max: int) -> None:
        """Begin with no bytes. A longer body counts as complete at once, since it is refused anyway."""
        self.data = bytearray()
        self.is_complete = False
        #: Whether the request counts as complete although more of it may come.
        self.is_cut = False
        #: Whether the client waits for `100 Continue` before it sends the body; once the header is there.
        self.expects_continue = False
        self._body_bytes_max = body_bytes_max
        self._header_bytes = 0
        #: The header in lower case, once it is there.
        self._header = b""
        #: Up to where the bytes were searched for the end of the header, or of the line before the next chunk.
        self._place = 0
        self._body_ends: int | None = None
        self._is_last_chunk = False
        self._chunks = 0

    @property
    def has_no_header(self) -> bool:
        """Whether the end of the header has not come."""
        return not self._header_bytes

    @property
    def path(self) -> bytes:
        """The path of the request as it was sent, without its query; what is longer is cut."""
        parts = bytes(self.data[:64]).split(b" ", 2)
        return parts[1].partition(b"?")[0] if len(parts) > 1 else b""

    def header(self, name: bytes) -> bytes:
        """Return the value of a header, of all its lines, in lower case; empty if there is none."""
        start = b"\r\n" + name + b":"
        if start not in self._header:
            return b""
        _, *lines = self._header.split(start)
        return b",".join(line.partition(b"\r\n")[0].strip(b" \t") for line in lines)

    def add(self, part: bytes) -> None:
        """Add bytes, and note whether all of the request is there; there may be bytes of the next one."""
        self.data += part
        if not self._header_bytes:
            self._find_header()
        if self._header_bytes and not self.is_complete:
            if self._body_ends is not None:
                self.is_complete = len(self.data) >= self._body_ends
            else:
                self._find_chunks()

    def _find_header(self) -> None:
        found = self.data.find(_HEADER_ENDS, max(0, self._place - len(_HEADER_ENDS)))
        self._place = len(self.data)
        if found < 0:
            self._cut_if(len(self.data) > HEADER_BYTES_MAX)
            return
        self._header_bytes = self._place = found + len(_HEADER_ENDS)
        self._header = bytes(self.data[:found]).lower() + b"\r\n"
        length = self.header(b"content-length") or b"0"
        if self.header(b"transfer-encoding"):
            self._body_ends = None
        elif length.isdigit() and len(length) < 20 and int(length) <= self._body_bytes_max:
            self._body_ends = self._header_bytes + int(length)
        else:
            self._cut_if(True)
        self.expects_continue = self.header(b"expect") == b"100-continue"

    def _find_chunks(self) -> None:
        """Go on from chunk to chunk, to the empty line after the last one."""
        while not self.is_complete:
            line_ends = self.data.find(b"\r\n", self._place, self._place + CHUNK_LINE_BYTES_MAX)
            if self._place > len(self.data) or line_ends < 0:
                self._cut_if(len(self.data) - self._place > CHUNK_LINE_BYTES_MAX or self._is_long(len(self.data)))
                return
            line = bytes(self.data[self._place : line_ends])
            if self._is_last_chunk:
                # What follows the last chunk are lines of trailers, and then an empty line.
                self._place, self.is_complete = line_ends + 2, not line
                continue
            try:
                size = int(line.partition(b";")[0], 16)
            except ValueError:
                size = -1
            self._is_last_chunk = size == 0
            self._place = line_ends + 2 + (size + 2 if size > 0 else 0)
            self._chunks += 1
            self._cut_if(size < 0 or self._is_long(self._place) or self._are_small())

    def _are_small(self) -> bool:
        held = self._place - self._header_bytes
        return self._chunks > SMALL_CHUNKS and held < CHUNK_BYTES_MIN * self._chunks

    def _is_long(self, ends: int) -> bool:
        """Whether a body in chunks is too long. Lines before the chunks can make it twice as long as what they hold."""
        return ends - self._header_bytes > 2 * self._body_bytes_max

    def _cut_if(self, is_refused: bool) -> None:  # noqa: FBT001 - it is the sentence's condition
        self.is_complete = self.is_cut = is_refused
