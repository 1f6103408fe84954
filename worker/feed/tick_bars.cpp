#include "worker/feed/tick_bars.hpp"
