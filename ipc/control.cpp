#include "ipc/control.hpp"
