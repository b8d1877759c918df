"""From a model to native code: flatten, compile, bind data."""
