"""Work that many execution environments want done at the same time, done by one of them."""
