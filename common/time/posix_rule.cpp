#include "common/time/zone.hpp"
