"""Run chains on a compiled model and watch over them."""
