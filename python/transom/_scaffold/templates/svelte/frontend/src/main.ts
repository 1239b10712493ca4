// The main window.
import { mount } from "svelte";
import MainWindow from "./MainWindow.svelte";
import "./style.css";

mount(MainWindow, { target: document.querySelector("#app")! });
