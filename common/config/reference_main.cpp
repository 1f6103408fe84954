// Writes docs/configuration.md and the annotated settings in etc/ from the declarations:
// bullpen-config-reference <root of the source tree>.
#include <cstdio>
#include <string>

#include "common/base/descriptor.hpp"
#include "common/base/exit_code.hpp"
#include "common/config/home_setup.hpp"
#include "common/config/reference.hpp"

namespace {

bullpen::Result<void> write(const std::string& path, const std::string& text) {
    BULLPEN_TRY(const bullpen::Descriptor file,
                bullpen::open_file(path, O_WRONLY | O_CREAT | O_TRUNC, 0644));
    return bullpen::write_all(file.get(), text);
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 2) {
        std::fprintf(stderr, "usage: bullpen-config-reference ROOT\n");
        return bullpen::value(bullpen::ExitCode::usage);
    }
    const std::string root = argv[1];
    const std::pair<std::string, std::string> files[] = {
        {root + "/docs/configuration.md", bullpen::config::configuration_reference()},
        {root + "/etc/bullpen.toml", bullpen::config::annotated_daemon_settings()}};
    for (const auto& [path, text] : files) {
        if (const auto written = write(path, text); !written) {
            std::fprintf(stderr, "%s\n", written.error().message().c_str());
            return bullpen::value(bullpen::ExitCode::failed);
        }
    }
    return bullpen::value(bullpen::ExitCode::done);
}
