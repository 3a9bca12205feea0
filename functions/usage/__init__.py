"""The nightly roll-up of usage, from the lines that predict has logged."""
