// SPDX-License-Identifier: MIT
// How the files of a run's folder are kept consistent. A save writes the new weights and the new
// resume state beside the old ones, as "model.safetensors.new" and so on, then replaces run.json,
// which holds the checksums of exactly these files, and only then gives them their usual names.
// Replacing run.json is one step, so at every moment the folder holds one whole state: whichever
// of two files has the checksum in run.json belongs to it (a redo log, as in a database).
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "nn/files/checksum.h"
#include "nn/files/file_lock.h"

namespace gradus {

// The checksums in run.json, by file name. That of log.csv, to which rows are appended, covers its
// beginning, up to the moment of the save.
using FileRecords = std::map<std::string, Checksum>;

// The path of a file in the folder, and under which name a save first writes it.
std::string in_folder(const std::string& folder, const std::string& name);
std::string new_in_folder(const std::string& folder, const std::string& name);

// The path of the copy that belongs to the saved state: under the usual name or, if a save was
// interrupted, under the new one. Without a record, as in a folder of an older version, the usual
// name. Throws FileError if neither copy has the recorded checksum.
std::string saved_copy(const std::string& folder, const std::string& name,
                       const FileRecords& records);

// Renames a damaged file to "<path>.damaged", replacing an earlier one, and returns that name.
// Throws FileError on failure.
std::string set_aside(const std::string& path);

// Whether the folder holds a run.
bool holds_run(const std::string& folder);

// The folders within this one that hold runs, by name.
std::vector<std::string> runs_in(const std::string& folder);

// A hint for whoever named the folder that runs lie in, not one of them: "runs are in runs/names-quick
// and runs/tales-quick"; "" if there are none.
std::string runs_within(const std::string& folder);

// "runs/tales-quick", or "runs/tales-quick-2", ... if that is taken. What is left of a run that
// ended before its first save, and is not running now, does not count.
std::string fresh_folder(const std::string& wanted);

// Creates the folder and its parents. Throws FileError on failure.
void make_folder(const std::string& folder);

// Takes the folder, which must exist, for one writer, and removes the temporary files of dead ones.
// Throws FileError if another process writes to it or, unless it holds a run, if a file is in the
// way that a run would replace.
std::unique_ptr<FileLock> lock_folder(const std::string& folder);

}  // namespace gradus
