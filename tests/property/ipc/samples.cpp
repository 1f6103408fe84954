// The samples of the unit tests serve here too.
#include "tests/unit/ipc/samples.cpp"  // NOLINT: one definition for each test program
