# bench, fuzz and generator programs
