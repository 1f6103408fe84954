#include "ipc/socket.hpp"
