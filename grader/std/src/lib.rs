//! The face of the simulation under std's names.
