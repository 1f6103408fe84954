#include "ipc/identity.hpp"
