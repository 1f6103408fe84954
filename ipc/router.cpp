#include "ipc/router.hpp"
