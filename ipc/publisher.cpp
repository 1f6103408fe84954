#include "ipc/publisher.hpp"
