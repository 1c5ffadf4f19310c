"""A payment provider of our own making, as if it were another company: no key, no money, real messages."""
