"""The house: what no single test can see. Floors, sizes, and that everything declared is documented."""
