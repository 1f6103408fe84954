#include "ipc/liveness.hpp"
