#include "ipc/dealer.hpp"
