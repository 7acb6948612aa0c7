// SPDX-License-Identifier: MIT
#include "tensor/processor.h"

#include <sys/utsname.h>
#ifdef __APPLE__
#include <sys/sysctl.h>
#endif

#include <fstream>

namespace gradus {

std::string processor_name() {
#ifdef __APPLE__
    char name[256] = "";
    std::size_t size = sizeof name;
    if (sysctlbyname("machdep.cpu.brand_string", name, &size, nullptr, 0) == 0) return name;
#endif
    std::ifstream file("/proc/cpuinfo");
    for (std::string line; std::getline(file, line);)
        if (line.rfind("model name", 0) == 0) return line.substr(line.find(':') + 2);
    utsname system{};
    uname(&system);
    return system.machine;
}

}  // namespace gradus
