"""Settings of the documentation."""

import sys
from importlib.metadata import version as _version
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

project = "Rufous"
author = "The Rufous developers"
copyright = "The Rufous developers"
release = _version("rufous")

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.mathjax",
    "numpydoc",
    "pictures.hook",
]
myst_enable_extensions = ["dollarmath", "colon_fence", "deflist"]
myst_heading_anchors = 3
autosummary_generate = True
autodoc_typehints = "none"
autodoc_member_order = "bysource"
numpydoc_show_class_members = False
exclude_patterns = ["_build", "figures/*.py"]

html_theme = "furo"
html_title = "Rufous"
html_static_path = ["figures"]
