#include "engine/base/instant.h"
