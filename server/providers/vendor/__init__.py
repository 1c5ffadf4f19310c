"""One file per vendor: the only ones that know its SDK, or its addresses and words."""
