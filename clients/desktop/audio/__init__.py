"""What sounds: two planes of samples, gains over positions, meters, and the ways out of the program."""
