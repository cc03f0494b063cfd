//! The labs of MIT 6.5840: the tests 3A to 3D, by the verbs of their tester.

mod lab_3a;
mod lab_3b;
mod lab_3c;
mod lab_3d;
mod tester;
