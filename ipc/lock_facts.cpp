#include "ipc/account_lock.hpp"
