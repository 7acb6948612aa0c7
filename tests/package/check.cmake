# Installs the build in ${BUILD} into ${BUILD}/package/prefix, builds the project beside this file
# against it, and runs its program. Called by CTest: ctest --test-dir build/release -R package
set(work ${BUILD}/package)
file(REMOVE_RECURSE ${work})

function(run)
    execute_process(COMMAND ${ARGN} RESULT_VARIABLE code OUTPUT_VARIABLE out ERROR_VARIABLE out)
    if(NOT code EQUAL 0)
        list(JOIN ARGN " " command)
        message(FATAL_ERROR "${command}\n${out}\nended with ${code}")
    endif()
    set(out "${out}" PARENT_SCOPE)
endfunction()

run(${CMAKE_COMMAND} --install ${BUILD} --prefix ${work}/prefix)
file(GLOB_RECURSE headers RELATIVE ${work}/prefix/include ${work}/prefix/include/*)
foreach(header ${headers})
    if(NOT header MATCHES "^gradus/(tensor|autograd|nn)/.*\\.(h|inc)$")
        message(FATAL_ERROR "installed, but not a header of the three rooms: ${header}")
    endif()
endforeach()

run(${CMAKE_COMMAND} -S ${CMAKE_CURRENT_LIST_DIR} -B ${work}/build -G ${GENERATOR}
    -DCMAKE_CXX_COMPILER=${CXX} -DCMAKE_PREFIX_PATH=${work}/prefix)
run(${CMAKE_COMMAND} --build ${work}/build)
run(${work}/build/consumer)
message("${out}")
