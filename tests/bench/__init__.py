"""Speed, each figure beside what it is to be compared with, in interleaved rounds on one machine: `make bench`."""
