//! The exceptions of `rufous.errors`, which are written in Python.
//!
//! They are looked up when first raised, so importing the extension imports nothing else.

#![allow(
    missing_docs,
    reason = "the classes are documented in rufous/errors.py"
)]

pyo3::import_exception!(rufous.errors, CheckpointError);
pyo3::import_exception!(rufous.errors, CompileError);
pyo3::import_exception!(rufous.errors, InitializationError);
pyo3::import_exception!(rufous.errors, LogDensityError);
pyo3::import_exception!(rufous.errors, RufousError);
pyo3::import_exception!(rufous.errors, SamplingError);
pyo3::import_exception!(rufous.errors, SettingsError);
pyo3::import_exception!(rufous.errors, ShapeError);
pyo3::import_exception!(rufous.errors, UnsupportedError);
pyo3::import_exception!(numpy.linalg, LinAlgError);
