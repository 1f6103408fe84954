#include "ipc/status_board.hpp"
