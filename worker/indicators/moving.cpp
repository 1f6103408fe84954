#include "worker/indicators/moving.hpp"
