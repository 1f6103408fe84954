#include "ipc/codec.hpp"
