"""SplitMix64 in whole numbers of any size."""

ALL = 2**64 - 1


def mixed(key, counter):
    bits = (key + (counter + 1) * 0x9E3779B97F4A7C15) & ALL
    bits = ((bits ^ (bits >> 30)) * 0xBF58476D1CE4E5B9) & ALL
    bits = ((bits ^ (bits >> 27)) * 0x94D049BB133111EB) & ALL
    return bits ^ (bits >> 31)


def uniform(key, counter):
    return (mixed(key, counter) >> 11) / 2**53
