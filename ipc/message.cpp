#include "ipc/message.hpp"
