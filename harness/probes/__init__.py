"""One module or folder for each probe; they are found by walking this package."""
