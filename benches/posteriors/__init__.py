"""Race samplers on posteriors: effective draws per gradient, warm-up included."""
