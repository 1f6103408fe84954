#include "common/model/price.hpp"
