"""Names and slots in plain Python."""

MASK = (1 << 64) - 1


def hashed(name):
    value = 0xCBF29CE484222325
    for byte in name:
        value = (value ^ byte) * 0x100000001B3 & MASK
    value = (value ^ value >> 32) * 0xFF51AFD7ED558CCD & MASK
    return value ^ value >> 32


class Book:
    """Slots by name, the row that each came with last, and who stood at the door."""

    def __init__(self, limit, mark, bits):
        self.limit, self.mark, self.bits = limit, mark, bits
        self.slots, self.used, self.free = {}, {}, []
        self.door, self.seen = set(), 0
        self.rows = self.refused = self.top = 0

    def place(self, names):
        """The slot of each row, None for one that is refused."""
        return [self.place_one(name) for name in names]

    def place_one(self, name):
        row, self.rows = self.rows, self.rows + 1
        if name not in self.slots:
            if len(self.slots) >= self.mark and not self.knock(name):
                self.refused += 1
                return None
            if len(self.slots) >= self.limit:
                self.evict()
            self.slots[name] = self.free.pop(0) if self.free else self.top
            self.top = max(self.top, self.slots[name] + 1)
        self.used[name] = row
        return self.slots[name]

    def knock(self, name):
        value = hashed(name)
        step = value >> 32 | 1
        bits = {(value + probe * step) % self.bits for probe in range(4)}
        if bits <= self.door:
            return True
        if self.seen >= self.limit:
            self.door, self.seen = set(), 0
        self.door |= bits
        self.seen += 1
        return False

    def evict(self):
        """Those that came longest ago, down to seven eighths of the limit."""
        keep = self.limit - max(1, self.limit // 8)
        oldest = sorted(self.slots, key=lambda name: self.used[name])[: len(self.slots) - keep]
        self.free = sorted(self.free + [self.slots.pop(name) for name in oldest])
