package shop

// This test musters the fruit, and who reads it does not count its sentences.
