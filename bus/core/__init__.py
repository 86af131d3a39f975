"""Facts and rules of the bus: pure values and functions, without clock, disk, XML or logger."""
