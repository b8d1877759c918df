"""The native evaluator beside PyTensor's own evaluation, on whole models."""
